"""The store: layout of the folder, journal, lock, views by rename (state.json, tasks.json), cache, settings."""
