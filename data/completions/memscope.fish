# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of memscope for fish; options and views are asked of its own help.

function __memscope_help
    LC_ALL=C LANGUAGE= memscope --help 2>/dev/null
end

function __memscope_options
    __memscope_help | string match -r '^  (?:-[a-zA-Z], )?--.*' |
        string replace -r '^  (?:-[a-zA-Z], )?(--[a-z-]+)(?:=\S+)? +' '$1\t'
end

function __memscope_views
    __memscope_help | string match -r 'What to show first: .*' |
        string replace 'What to show first: ' '' | string replace -a ' or ' ', ' | string split ', '
end

complete -c memscope -a '(__memscope_options)'
complete -c memscope -l view -x -a '(__memscope_views)'
complete -c memscope -k -a '(__fish_complete_suffix .memscope)'
