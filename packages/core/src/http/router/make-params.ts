export type PathMatch = Readonly<Record<string, string>>

/** The parameters of a path by name, from the values that stand first in `values`. */
export type MakeParams = (values: readonly string[]) => PathMatch

/** Objects without a prototype that the engine keeps as fast as those of a class. */
const Params = function () {} as unknown as new () => Record<string, string>
Params.prototype = Object.create(null)

export const noParams: PathMatch = Object.freeze(new Params())

/** Most routes of an application have the same few names, and generating code costs more than the rest of adding a route. */
const made = new Map<string, MakeParams>()

/**
 * Makes the function that makes the parameters of one route. It is generated, so that its objects have the shape of the
 * route's names from the start; where the process allows no generated code, a loop does the same at a third of the speed.
 */
export function paramsMaker(names: readonly string[]): MakeParams {
  if (names.length === 0) return () => noParams
  const known = made.get(names.join('/'))
  if (known !== undefined) return known
  const maker = generate(names)
  made.set(names.join('/'), maker)
  return maker
}

function generate(names: readonly string[]): MakeParams {
  // Only such names can stand in code; `parsePattern` gives no others but the unnamed wildcard.
  if (!names.every((name) => /^\w+$/.test(name))) return loop(names)
  try {
    const fields = names.map((name, index) => `this[${JSON.stringify(name)}] = values[${index}]`).join('; ')
    const generated = new Function('prototype', `function Params(values) { ${fields} }; Params.prototype = prototype; return (values) => new Params(values)`)
    return generated(Params.prototype) as MakeParams
  } catch {
    return loop(names)
  }
}

function loop(names: readonly string[]): MakeParams {
  return (values) => {
    const params = new Params()
    for (let i = 0; i < names.length; i++) params[names[i] as string] = values[i] as string
    return params
  }
}
