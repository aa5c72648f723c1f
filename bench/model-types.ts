import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from './median.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Seconds that TypeScript needs for 50 models that refer to each other and are used, beyond those for the framework alone. */
export function modelTypes(times: number): { readonly program: string; readonly seconds: number } {
  const [models, alone] = [mkdtempSync(join(root, 'apps/marketplace/.types-')), mkdtempSync(join(root, 'apps/marketplace/.types-'))]
  for (let index = 0; index < 50; index++) writeFileSync(join(models, `m${index}.ts`), modelText(index))
  writeFileSync(join(alone, 'alone.ts'), "import { Model } from '@glueful/database'\nexport const model = Model\n")
  try {
    for (const folder of [models, alone])
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../../tsconfig.json', include: ['*.ts'], exclude: [] }))
    const seconds = Array.from({ length: times }, () => check(models) - check(alone))
    return { program: '50 related models in use, beyond the framework', seconds: Math.round(median(seconds) * 100) / 100 }
  } finally {
    for (const folder of [models, alone]) rmSync(folder, { recursive: true })
  }
}

function check(folder: string): number {
  const started = performance.now()
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' })
  if (status !== 0) throw new TypeError(stdout.slice(0, 2_000))
  return (performance.now() - started) / 1000
}

function modelText(index: number): string {
  const [other, many, one] = [1, 7, 13].map((step) => (index + step) % 50)
  const name = `M${index}`
  return `import { belongsTo, belongsToMany, boolean, decimal, enumeration, hasMany, hasOne, integer, json, Model, softDeletes, string, text, timestamps, uuid } from '@glueful/database'
${[other, many, one].map((number) => `import { M${number} } from './m${number}.ts'`).join('\n')}
export class ${name} extends Model('m${index}', {
  id: uuid().primary(), name: string(), note: text().nullable(), price: integer(), cost: decimal(12, 2).default('0.00'), on: boolean().default(true),
  kind: enumeration(['a', 'b', 'c']), specs: json<{ doors: number }>().nullable(), otherId: uuid().references('m${other}'), ...timestamps(), ...softDeletes(),
}, { scopes: { cheap: (query, below: number) => query.where('price', '<', below), named: (query, name: string) => query.where('name', name) } }) {
  static relations = { other: belongsTo(() => M${other}), many: hasMany(() => M${many}), one: hasOne(() => M${one}), linked: belongsToMany(() => M${many}, { table: 'x', columns: { weight: integer() } }) }
  get label() { return \`\${this.name} \${this.price}\` }
}
export async function use${index}() {
  const found = await ${name}.with('other.many.one', 'many').cheap(5).where('price', '>', 3).whereIf('name', undefined).orderBy('name').withCount('linked').paginate({ page: 1 })
  const first = found.data[0]!
  const made = await ${name}.create({ name: 'x', price: 1, kind: 'a', otherId: first.other.id })
  await made.update({ note: first.other.many[0]!.one?.label ?? null })
  const linked = await made.linked
  const list = await ${name}.with({ many: (query) => query.named('x').limit(3) }).whereHas('linked', (query) => query.where('kind', 'b')).get()
  return [first.linkedCount, linked[0]!.pivot.weight, list[0]!.many[0]!.label, JSON.stringify(made.toJSON()), ${name}.schema.create.parse({}).name]
}
`
}
