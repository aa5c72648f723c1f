import type * as Http from 'node:http'

/**
 * Node's HTTP module, for what is needed of it besides types. An `import` of it reads all that it exports, and one of its
 * getters loads undici and HTTP/2: a hundred modules, and more time than the framework itself takes to load.
 */
export const nodeHttp: typeof Http = process.getBuiltinModule('node:http')
