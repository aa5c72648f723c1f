import type { BuiltInCommand } from './command-definition.ts'
import { registry } from './registry.ts'

/** What `glueful --help` prints. */
export function renderHelp(): string {
  const width = Math.max(...Object.keys(registry).map((name) => name.length))
  const lines = Object.entries(registry).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: glueful COMMAND [options]

Commands:
${lines.join('\n')}

Commands of the application and its extensions are run by their own names.
A colon may stand for the space: glueful env:check. Every command has --help.

Exit codes: 0 done, 1 something is wrong, 2 called wrongly.
`
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
