# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of memscope-cli for bash. Commands and options are asked of the
# program's own help, so there is no second list of them.

_memscope_cli ()
{
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} program=${COMP_WORDS[0]}

  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "$("$program" --help 2>/dev/null | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p') --help --version" -- "$word")
  elif [ "$previous" = --format ] || { [ "$command" = export ] && [ "$previous" = -f ]; }; then
    mapfile -t COMPREPLY < <(compgen -W "html json" -- "$word")
  elif [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$("$program" "$command" --help 2>/dev/null | grep -o -- '--[a-z-]*' | sort -u)" -- "$word")
  elif [ "$command" = record ] && [[ $previous != -o && $previous != --output ]]; then
    mapfile -t COMPREPLY < <(compgen -c -f -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    compopt -o filenames 2>/dev/null
  fi
}

complete -F _memscope_cli memscope-cli
