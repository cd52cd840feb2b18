import { Argument, Command } from 'commander';
import { print } from './operate/output';

/** What a shell needs before the script. Completion of zsh can do bash's. */
const BEFORE = {
  bash: '',
  zsh: 'autoload -Uz compinit bashcompinit && compinit && bashcompinit\n',
};
const WORDS = '_modern_data_lake_words';

/** Prints a script that completes the program's commands, options and values. */
export function completion(program: Command): Command {
  return new Command('completion')
    .description('Prints a script that completes commands, options and their values after modern-data-lake. To have '
      + 'it in every shell, install the package with npm install --global, and write '
      + '"source <(modern-data-lake completion bash)" into ~/.bashrc, or the same with zsh into ~/.zshrc.')
    .summary('Prints a script that completes commands, options and their values in bash or zsh.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(BEFORE)))
    .action((shell: keyof typeof BEFORE) => print(BEFORE[shell], words(program), BRIDGE));
}

/** A function that prints what can follow: its arguments are the command and the word before the cursor, if any. */
function words(program: Command): string {
  const commands = program.commands.filter((command) => command.name() !== 'help');
  const line = (pattern: string, candidates: readonly string[]) => `    ${pattern}) echo '${candidates.join(' ')}' ;;`;
  const ofCommand = (command: Command) => {
    const name = command.name();
    const options = command.createHelp().visibleOptions(command);
    const values = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
    const withValue = options.filter(({ required }) => required);
    const free = withValue.filter(({ argChoices }) => !argChoices).map(({ long }) => `${name}:${long}`);
    return [
      ...withValue.flatMap(({ long, argChoices }) => (argChoices ? line(`${name}:${long}`, argChoices) : [])),
      ...free.length ? [`    ${free.join('|')}) ;;`] : [],
      line(`${name}:*`, [...values, ...options.map(({ long }) => long!)]),
    ];
  };
  return [
    `${WORDS}() {`, '  case "$1:$2" in',
    ...commands.flatMap(ofCommand), line('*', commands.map((command) => command.name())),
    '  esac', '}', '',
  ].join('\n');
}

const BRIDGE = `_modern_data_lake() {
  local command='' before=''
  if [ "$COMP_CWORD" -gt 1 ]; then command=\${COMP_WORDS[1]} before=\${COMP_WORDS[COMP_CWORD-1]}; fi
  COMPREPLY=($(compgen -W "$(${WORDS} "$command" "$before")" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _modern_data_lake modern-data-lake`;
