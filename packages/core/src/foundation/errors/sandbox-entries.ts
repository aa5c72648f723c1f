/** What a sandboxed run may not do. */
export const sandboxEntries = {
  SANDBOX_CONNECTION_REFUSED: {
    status: 500,
    title: 'Connection held back',
    detail: (p: { to: string }) => `A sandboxed run connects to nobody; it tried ${p.to}.`,
    fix: 'Send by createHttpClient or fetch, which are answered in a sandbox, or ask currentSandbox() and capture what would be sent.',
  },
  SANDBOX_ENDED: {
    status: 500,
    title: 'The sandbox has ended',
    detail: (p: { what: string }) => `A sandboxed run has ended, and what it started goes on: ${p.what} is refused.`,
    fix: 'Await everything that the work starts, and stop it when its signal is aborted.',
  },
  SANDBOX_ANSWER_INVALID: {
    status: 422,
    title: 'Invalid answer for a sandbox',
    detail: (p: { target: string; reason: string }) => `The answer that a sandbox should give for ${p.target} is not valid: ${p.reason}.`,
    fix: 'Name requests as in "POST /charges" or "POST https://pay.example.com/charges"; answers have a status from 200 to 599, headers and a body.',
  },
} as const
