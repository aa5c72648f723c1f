import { join } from 'node:path'
import type { Command } from 'glueful'
import { renderFilter, renderResource } from './resource-code.ts'
import { requireModel } from './require-model.ts'
import { sourceFolder, writeFile, writeOptions } from './written-file.ts'
import { kebab, requireName } from './words.ts'

/** `glueful make resource` */
export const makeResourceCommand: Command = {
  name: 'make resource',
  summary: 'Write how the records of a model are answered, from its columns',
  arguments: 'MODEL',
  options: { ...writeOptions },
  run: async (input) => {
    const words = requireName(input.args[0]?.replace(/[-_]?resource$/i, ''), 'the name of the model')
    const model = requireModel(input, words)
    writeFile(input, join(sourceFolder(), 'resources', `${kebab(words)}-resource.ts`), renderResource(words, model.columns))
  },
}

/** `glueful make filter` */
export const makeFilterCommand: Command = {
  name: 'make filter',
  summary: 'Write what lists of a model may be filtered, sorted and searched by, from its indexed columns',
  arguments: 'MODEL',
  options: { ...writeOptions },
  run: async (input) => {
    const words = requireName(input.args[0]?.replace(/[-_]?filter$/i, ''), 'the name of the model')
    const model = requireModel(input, words)
    writeFile(input, join(sourceFolder(), 'filters', `${kebab(words)}-filter.ts`), renderFilter(words, model.columns))
  },
}
