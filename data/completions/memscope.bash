# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Completion of memscope for bash; options and views are asked of its own help.

_memscope ()
{
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} program=${COMP_WORDS[0]} help

  COMPREPLY=()
  # bash takes --view=x apart at the sign.
  if [ "$word" = = ]; then
    word=
  elif [ "$previous" = = ]; then
    previous=${COMP_WORDS[COMP_CWORD-2]}
  fi
  [ "$previous" = --view ] || [[ $word == -* ]] && help=$(LC_ALL=C LANGUAGE='' "$program" --help 2>/dev/null)

  case $previous in
    --view)
      mapfile -t COMPREPLY < <(compgen -W "$(sed -n 's/, / /g; s/ or / /; s/.*What to show first: //p' <<<"$help")" -- "$word")
      ;;
    --screenshot)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      compopt -o filenames 2>/dev/null
      ;;
    --size)
      mapfile -t COMPREPLY < <(compgen -W "1280x800 1920x1080 360x740" -- "$word")
      ;;
    *)
      if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(sed -n 's/^  \(-[a-zA-Z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' <<<"$help")" -- "$word")
      else
        mapfile -t COMPREPLY < <(compgen -d -- "$word"; compgen -f -X '!*.memscope' -- "$word")
        compopt -o filenames 2>/dev/null
      fi
      ;;
  esac
}

complete -F _memscope memscope
