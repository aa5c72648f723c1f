import { readFileSync } from 'node:fs'
import { diffEnv, parseDotenv } from 'glueful/settings'
import { jsonOption, type BuiltInCommand } from '../command-definition.ts'

export const command: BuiltInCommand = {
  args: { left: { type: 'positional', description: 'A .env file' }, right: { type: 'positional', description: 'Another' }, ...jsonOption },
  run: async (args) => {
    const [left, right] = [args['left'] as string, args['right'] as string]
    const { onlyLeft, onlyRight } = diffEnv(parseDotenv(readFileSync(left, 'utf8'), left), parseDotenv(readFileSync(right, 'utf8'), right))
    if (args['json'] === true) process.stdout.write(`${JSON.stringify({ onlyLeft, onlyRight }, undefined, 2)}\n`)
    else
      process.stdout.write(
        [...onlyLeft.map((name) => `only in ${left}: ${name}`), ...onlyRight.map((name) => `only in ${right}: ${name}`)].map((line) => `${line}\n`).join('') ||
          'The same names.\n',
      )
    return onlyLeft.length + onlyRight.length === 0 ? 0 : 1
  },
}
