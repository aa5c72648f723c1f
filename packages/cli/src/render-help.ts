import type { Command } from 'glueful'
import type { BuiltInCommand } from './command-definition.ts'
import { registry } from './registry.ts'

/** What `glueful --help` prints; of the application its commands, or why they are not known. */
export function renderHelp(ofApp: readonly Command[] | string): string {
  const appCommands = typeof ofApp === 'string' ? [] : ofApp
  const width = Math.max(...[...Object.keys(registry), ...appCommands.map(({ name }) => name)].map((name) => name.length))
  const lines = Object.entries(registry).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: glueful COMMAND [options]

Commands:
${lines.join('\n')}

${renderAppList(ofApp, width)}
A colon may stand for the space: glueful env:check. Every command has --help.

Exit codes: 0 done, 1 something is wrong, 2 called wrongly.
`
}

function renderAppList(ofApp: readonly Command[] | string, width: number): string {
  if (typeof ofApp === 'string') return `The application has commands of its own, but could not be read: ${ofApp}\n`
  if (ofApp.length === 0) return 'Commands of the application and its extensions are run by their own names.'
  return `Commands of the application and its extensions:\n${ofApp.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}\n`
}

/** What `--help` prints for a command of the application. */
export function renderAppCommandHelp(command: Command): string {
  const rows = [
    ...Object.entries(command.options ?? {}).map(([name, option]) =>
      typeof option === 'string' ? [`--${name}`, option] : [`--${name}=${option.value}`, option.summary],
    ),
    ['--app=FILE', 'File of the application (default: app.ts, src/app.ts)'],
    ['--no-interaction', 'Never ask'],
  ]
  const width = Math.max(...rows.map(([left = '']) => left.length))
  const usage = ['glueful', command.name, ...(command.arguments === undefined ? [] : [command.arguments]), '[options]'].join(' ')
  return `${command.summary}\n\nUsage: ${usage}\n\nOptions:\n${rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`).join('\n')}\n`
}

export function renderCommandHelp(name: string, summary: string, command: BuiltInCommand): string {
  const positional = Object.entries(command.args).filter(([, arg]) => arg.type === 'positional')
  const options = Object.entries(command.args).filter(([, arg]) => arg.type !== 'positional')
  const rows = [
    ...options.map(([option, arg]) => [`--${option}${'valueHint' in arg && arg.valueHint !== undefined ? `=${arg.valueHint}` : ''}`, arg.description ?? '']),
    ['--no-interaction', 'Never ask'],
  ]
  const width = Math.max(...rows.map(([left = '']) => left.length))
  const usage = [`glueful ${name}`, ...positional.map(([arg]) => arg.toUpperCase()), '[options]'].join(' ')
  return `${summary}.

Usage: ${usage}

Options:
${rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`).join('\n')}
`
}
