"""The store: layout, journal, views (state.json, tasks.json), lock."""
