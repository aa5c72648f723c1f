/**
 * What the pages of the documentation may load: files and answers of their own host, and the styles that Scalar sets by
 * script. Requests that are tried out go to the same host only.
 */
export const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** The page of the interactive documentation; its scripts are files of their own, so that no inline script is needed. */
export function renderDocsPage(title: string): string {
  const safe = title.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${safe}</title><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
<body><div id="app"></div><script src="/docs/scalar.js"></script><script src="/docs/start.js"></script></body>
</html>
`
}

const configuration = {
  url: '/openapi.json',
  withDefaultFonts: false,
  orderSchemaPropertiesBy: 'preserve',
  // Otherwise requests to other hosts, bodies and tokens included, would go through a proxy of Scalar's.
  proxyUrl: '',
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
}

/** Starts Scalar on the document, with nothing from other hosts. */
export const docsScript = `Scalar.createApiReference('#app', ${JSON.stringify(configuration, undefined, 2)})\n`
