"""Completion by a shell: the script that it sources, and the lines that the script asks for.

To switch it on: `eval "$(_AIREXEC_COMPLETE=source_bash airexec)"` (or zsh; fish: `… | source`). The script calls us
with the words of the command line so far, the last of which is to be completed. It gets a line per proposal,
`VALUE<TAB>ABOUT`; where there is none the shell proposes files.
"""

import sys
from collections.abc import Sequence

from airexec.errors import UsageError

_BASH = r"""
_airexec() {
    local IFS=$'\n' line=${COMP_LINE:0:COMP_POINT} word found
    COMPREPLY=()
    while read -r found; do
        found=${found%%$'\t'*}
        [[ $found == *= ]] && compopt -o nospace
        # readline begins a word behind each : and =
        word=${line##*[[:space:]]}
        while [[ $word == *[:=]* && $COMP_WORDBREAKS == *:* ]]; do
            found=${found#"${word%%[:=]*}"[:=]}
            word=${word#*[:=]}
        done
        COMPREPLY+=("$(printf %q "$found" | sed 's/\\\([=:,]\)/\1/g')")
    done < <(_AIREXEC_COMPLETE=line airexec "$line" 2>/dev/null)
}
complete -o default -F _airexec airexec
"""

_ZSH = r"""#compdef airexec
_airexec() {
    local -a values shown ends ends_shown
    local line value about
    while IFS= read -r line; do
        value=${line%%$'\t'*} about=${line#*$'\t'}
        [[ -n $about ]] && about="$value  -- $about" || about=$value
        if [[ $value == *= ]]; then
            ends+=("$value") ends_shown+=("$about")
        else
            values+=("$value") shown+=("$about")
        fi
    done < <(_AIREXEC_COMPLETE=words airexec "${(@Q)words[2,CURRENT]}" 2>/dev/null)
    if (( ! $#values && ! $#ends )); then _files; return; fi
    (( $#values )) && compadd -l -d shown -a values
    (( $#ends )) && compadd -S '' -l -d ends_shown -a ends
}
compdef _airexec airexec
"""

_FISH = r"""
function __airexec_complete
    set -l words (commandline -opc) (string unescape -- (commandline -ct))
    set -l found (_AIREXEC_COMPLETE=words airexec $words[2..] 2>/dev/null)
    if test (count $found) -gt 0
        string join \n -- $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c airexec -f -a '(__airexec_complete)'
"""

_SCRIPTS = {"source_bash": _BASH, "source_zsh": _ZSH, "source_fish": _FISH}


def complete(instruction: str, arguments: Sequence[str]) -> int:
    """Print the script for a shell (`source_bash`), or what may stand in the place of the last word: of `words`, or of
    the one `line` that was typed. Raises UsageError for another instruction."""
    if instruction in _SCRIPTS:
        print(_SCRIPTS[instruction].strip())
        return 0
    if instruction not in ("words", "line"):
        raise UsageError(f"_AIREXEC_COMPLETE is '{instruction}'", f"it takes {', '.join(_SCRIPTS)}")
    from airexec.cli.proposals import proposals, split_line

    words = split_line(arguments[0])[1:] if instruction == "line" else list(arguments)
    for value, about in proposals(words or [""]):
        if value.isprintable():
            sys.stdout.write(f"{value}\t{about}\n")
    return 0
