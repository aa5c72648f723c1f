import type { CompiledRoute } from '../http/context/route.ts'
import { buildOpenApi, type OpenApiDocument, type OpenApiOptions } from '../http/openapi/build-openapi.ts'
import type { ServedVersions } from '../traffic/version/api-versions.ts'
import { routesOfVersion } from '../traffic/version/expand-routes.ts'

/** Makes the OpenAPI document of each version when it is first asked for. Default: the application's default version. */
export function createDescriber(routes: readonly CompiledRoute[], versions: ServedVersions | undefined, options: OpenApiOptions) {
  const documents = new Map<string, OpenApiDocument>()
  return (wanted: string = versions?.default ?? ''): OpenApiDocument => {
    let document = documents.get(wanted)
    if (document === undefined) {
      const described = versions === undefined ? routes : routesOfVersion(routes, wanted, versions)
      documents.set(wanted, (document = buildOpenApi(described, options)))
    }
    return document
  }
}
