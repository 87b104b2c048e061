# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of memscope-cli for fish. Commands and options are asked of the
# program's own help, so there is no second list of them.

function __memscope_cli_commands
    memscope-cli --help 2>/dev/null | string match -r '^  [a-z]+ +.*' | string replace -r '^  ([a-z]+) +' '$1\t'
end

function __memscope_cli_needs_command
    test (count (commandline -opc)) -eq 1
end

# Options of the command, not of the program that record starts.
function __memscope_cli_options
    set -l words (commandline -opc)
    test (count $words) -ge 2; or return
    if test $words[2] = record
        for word in $words[3..]
            string match -q -- '-*' $word; or return
        end
    end
    memscope-cli $words[2] --help 2>/dev/null |
        string match -r '^  (?:-[a-zA-Z], )?--.*' |
        string replace -r '^  (?:-[a-zA-Z], )?(--[a-z-]+)(?:=\S+)? +' '$1\t'
end

function __memscope_cli_using
    set -l words (commandline -opc)
    test (count $words) -ge 2; and contains -- $words[2] $argv
end

complete -c memscope-cli -f
complete -c memscope-cli -n __memscope_cli_needs_command -a '(__memscope_cli_commands)'
complete -c memscope-cli -n 'not __memscope_cli_needs_command' -a '(__memscope_cli_options)'
complete -c memscope-cli -n '__memscope_cli_using export' -s f -l format -x -a 'html json folded'
complete -c memscope-cli -n '__memscope_cli_using export' -l measure -x -a 'live-bytes live-blocks allocated-bytes allocations temporary temporary-bytes peak-bytes peak-blocks'
complete -c memscope-cli -n '__memscope_cli_using export record repair' -s o -l output -r -F
complete -c memscope-cli -n '__memscope_cli_using record' -a '(__fish_complete_subcommand --fcs-skip=2)'
complete -c memscope-cli -n 'not __memscope_cli_needs_command; and not __memscope_cli_using list record' -k -a '(__fish_complete_suffix .memscope)'
