import { defineErrors } from 'glueful/errors'

/** Every error that the command line makes; documented in docs/errors.md. */
export const fail = defineErrors({
  COMMAND_UNKNOWN: {
    status: 500,
    title: 'Unknown command',
    detail: (p: { command: string; suggestion: string | undefined; hint?: string | undefined }) =>
      `There is no command '${p.command}'.` +
      (p.suggestion === undefined ? '' : ` Did you mean '${p.suggestion}'?`) +
      (p.hint === undefined ? '' : ` ${p.hint}`),
    fix: 'See glueful --help.',
  },
  COMMAND_ARGUMENT_UNKNOWN: {
    status: 500,
    title: 'Unknown argument',
    detail: (p: { command: string; argument: string; suggestion: string | undefined }) =>
      `glueful ${p.command} does not take '${p.argument}'.` + (p.suggestion === undefined ? '' : ` Did you mean 'glueful ${p.suggestion}'?`),
    fix: 'See the command with --help.',
  },
  COMMAND_ARGUMENT_MISSING: {
    status: 500,
    title: 'Missing argument',
    detail: (p: { command: string; argument: string }) => `glueful ${p.command} needs ${p.argument}.`,
    fix: 'See the command with --help.',
  },
  COMMAND_OPTION_UNKNOWN: {
    status: 500,
    title: 'Unknown option',
    detail: (p: { command: string; option: string; suggestion: string | undefined }) =>
      `${p.command === '' ? 'glueful' : `glueful ${p.command}`} has no option '${p.option}'.` +
      (p.suggestion === undefined ? '' : ` Did you mean '--${p.suggestion}'?`),
    fix: 'See the command with --help.',
  },
  COMMAND_OPTION_INVALID: {
    status: 500,
    title: 'Invalid option value',
    detail: (p: { option: string; found: string; expected: string }) => `--${p.option} is ${JSON.stringify(p.found)}; expected ${p.expected}.`,
    fix: 'Correct the value.',
  },
  COMMAND_OUTPUT_UNWRITABLE: {
    status: 500,
    title: 'Output cannot be written',
    detail: (p: { file: string; reason: string }) => `${p.file} cannot be written (${p.reason}).`,
    fix: 'Name another file with --output.',
  },
  ENV_FILE_MISSING: {
    status: 500,
    title: 'No such file',
    detail: (p: { file: string }) => `There is no ${p.file} here.`,
    fix: 'Run the command in the folder of the application, or name another environment with --environment.',
  },
  ENV_FILE_EXISTS: {
    status: 500,
    title: 'File exists',
    detail: (p: { file: string }) => `${p.file} is there already.`,
    fix: 'Name another file with --output, or write over it with --force.',
  },
  DOCUMENT_UNREADABLE: {
    status: 500,
    title: 'Unreadable document',
    detail: (p: { file: string; reason: string }) => `${p.file} cannot be read as JSON: ${p.reason}.`,
    fix: 'Give the file of an OpenAPI document, as glueful openapi writes it.',
  },
  CACHE_NOT_SHARED: {
    status: 500,
    title: 'The cache is not shared',
    detail: () => 'The application keeps its cache in the memory of its process, where a command cannot reach it.',
    fix: 'Restart the application to clear it, or set REDIS_URL, or CACHE_STORE=database.',
  },
  APP_FILE_MISSING: {
    status: 500,
    title: 'No application found',
    detail: (p: { tried: readonly string[] }) => `No application was found at ${p.tried.join(', ')}.`,
    fix: 'Run the command in the folder of app.ts, or name the file with --app.',
  },
  APP_IMPORT_MISSING: {
    status: 500,
    title: 'Import not found',
    detail: (p: { importer: string; specifier: string; suggestion: string | undefined }) =>
      `${p.importer} imports '${p.specifier}', which is not there.` + (p.suggestion === undefined ? '' : ` ${p.suggestion}`),
    fix: 'Packages are installed with npm install; a file is imported by its whole name, as in ./cars.ts.',
  },
  APP_NOT_A_MODULE: {
    status: 500,
    title: 'Not a module',
    detail: (p: { file: string }) => `${p.file} uses import and export, and its package.json says "type": "commonjs".`,
    fix: 'Run: npm pkg set type=module',
  },
  APP_SYNTAX_NOT_ERASABLE: {
    status: 500,
    title: 'TypeScript that is more than types',
    detail: (p: { place: string; reason: string }) => `${p.place}: ${p.reason}.`,
    fix: 'Node takes types away and writes no code for them: use a const object for an enum, fields for parameter properties. erasableSyntaxOnly in tsconfig.json finds all of them.',
  },
  APP_FILE_INVALID: {
    status: 500,
    title: 'Not an application',
    detail: (p: { file: string }) => `${p.file} does not export an application as its default export.`,
    fix: 'Write: export default createApp({ … })',
  },
})
