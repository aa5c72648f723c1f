import { defineErrors } from 'glueful/errors'

/** Every error that the command line makes; documented in docs/errors.md. */
export const fail = defineErrors({
  COMMAND_UNKNOWN: {
    status: 500,
    title: 'Unknown command',
    detail: (p: { command: string; suggestion: string | undefined }) =>
      `There is no command '${p.command}'.` + (p.suggestion === undefined ? '' : ` Did you mean '${p.suggestion}'?`),
    fix: 'See glueful --help.',
  },
  COMMAND_OPTION_UNKNOWN: {
    status: 500,
    title: 'Unknown option',
    detail: (p: { command: string; option: string; suggestion: string | undefined }) =>
      `glueful ${p.command} has no option '--${p.option}'.` + (p.suggestion === undefined ? '' : ` Did you mean '--${p.suggestion}'?`),
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
  APP_FILE_INVALID: {
    status: 500,
    title: 'Not an application',
    detail: (p: { file: string }) => `${p.file} does not export an application as its default export.`,
    fix: 'Write: export default createApp({ … })',
  },
})
