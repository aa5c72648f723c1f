import { dirname, join, normalize } from 'node:path'
import { importsOf, isSource, isTest, listFiles, read, type Violation } from './source-files.ts'

/** Packages from the ground up; one may import those below it. */
const packageFloors: Readonly<Record<string, number>> = {
  glueful: 0,
  '@glueful/database': 1,
  '@glueful/queue': 2,
  '@glueful/auth': 3,
  '@glueful/webhooks': 4,
  '@glueful/cli': 4,
}

/** Folders of packages/core/src from the ground up; a folder may import its own floor's folder and those below. */
const coreFloors: readonly (readonly [folder: string, floor: number])[] = [
  ['foundation/', 0],
  ['http/context/', 1],
  ['http/validation/', 2],
  ['http/body/', 2],
  ['http/router/', 2],
  ['http/pipeline/', 2],
  ['http/reply/', 2],
  ['http/problem/', 2],
  ['http/outgoing/', 2],
  ['http/openapi/', 3],
  ['http/client/', 3],
  ['http/kernel.ts', 4],
  ['traffic/', 5],
  ['operate/', 5],
  ['server/', 6],
  ['app/', 7],
  ['app.ts', 8],
  ['security/', 9],
  ['testing/', 9],
]

/** Stages of a request's way that meet only through values. */
const strangers = ['http/router/', 'http/pipeline/', 'http/reply/']

/** Imports go down the floors only, in and between packages; stages of the way never import each other. */
export function checkImportFloors(root: string): Violation[] {
  return listFiles(root)
    .filter((file) => isSource(file) && !isTest(file))
    .flatMap((file) => importsOf(read(root, file)).flatMap((specifier) => judge(file, specifier)))
}

function judge(file: string, specifier: string): Violation[] {
  const say = (message: string) => [{ file, message }]
  if (!specifier.startsWith('.')) return judgePackage(file, specifier, say)
  if (!file.startsWith('packages/core/src/')) return []
  const from = file.slice('packages/core/src/'.length)
  const to = normalize(join(dirname(from), specifier))
  if (to.startsWith('..')) return say(`imports ${specifier}, outside of the package`)
  const [fromStage, toStage] = [from, to].map((path) => strangers.find((stage) => path.startsWith(stage)))
  if (fromStage !== undefined && toStage !== undefined && fromStage !== toStage) return say(`imports ${to}; ${strangers.join(', ')} never import each other`)
  const [mine, theirs] = [floorOf(from), floorOf(to)]
  if (mine === undefined || theirs === undefined) return []
  return theirs > mine ? say(`imports ${to}, which is on a higher floor`) : []
}

function judgePackage(file: string, specifier: string, say: (message: string) => Violation[]): Violation[] {
  const name = /^(@glueful\/[^/]+|glueful)(?:\/|$)/.exec(specifier)?.[1]
  if (name === undefined) return []
  const [area, folder] = file.split('/')
  const own = folder === 'core' ? 'glueful' : `@glueful/${folder}`
  if (name === own) return []
  const theirs = packageFloors[name]
  if (area === 'extensions') return theirs === undefined ? say(`imports ${name}; an extension imports packages, never another extension`) : []
  const mine = packageFloors[own] ?? 0
  return theirs === undefined || theirs >= mine ? say(`imports ${name}, which is not on a lower floor`) : []
}

function floorOf(path: string): number | undefined {
  return coreFloors.find(([folder]) => path.startsWith(folder))?.[1]
}
