# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Completion of memscope-cli for bash. Commands and options are asked of the
# program's own help, so there is no second list of them.

_memscope_cli ()
{
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} program=${COMP_WORDS[0]} i

  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "$("$program" --help 2>/dev/null | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p') --help --version" -- "$word")
    return
  fi

  # What `record` starts is completed as a command of its own.
  if [ "$command" = record ]; then
    for ((i = 2; i < COMP_CWORD; i++)); do
      case ${COMP_WORDS[i]} in
        -o|--output|--output-dir|--rotate-size|--rotate-age|--keep|--stack-depth|--max-size|--max-time) ((i++)) ;;
        -*) ;;
        *)
          if declare -F _command_offset >/dev/null; then
            _command_offset "$i"
          else
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            compopt -o filenames 2>/dev/null
          fi
          return
          ;;
      esac
    done
  fi

  case $previous in
    --format|-f)
      mapfile -t COMPREPLY < <(compgen -W "html json folded" -- "$word")
      return
      ;;
    --measure)
      mapfile -t COMPREPLY < <(compgen -W "live-bytes live-blocks allocated-bytes allocations temporary temporary-bytes peak-bytes peak-blocks" -- "$word")
      return
      ;;
    --output-dir)
      mapfile -t COMPREPLY < <(compgen -d -- "$word")
      compopt -o filenames 2>/dev/null
      return
      ;;
    --output|-o)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      compopt -o filenames 2>/dev/null
      return
      ;;
  esac

  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$("$program" "$command" --help 2>/dev/null | sed -n 's/^  \(-[a-zA-Z], \)\{0,1\}\(--[a-z-]*\).*/\2/p')" -- "$word")
  elif [ "$command" = record ]; then
    mapfile -t COMPREPLY < <(compgen -c -f -- "$word")
    compopt -o filenames 2>/dev/null
  elif [ "$command" != list ]; then
    mapfile -t COMPREPLY < <(compgen -d -- "$word"; compgen -f -X '!*.memscope' -- "$word")
    compopt -o filenames 2>/dev/null
  fi
}

complete -F _memscope_cli memscope-cli
