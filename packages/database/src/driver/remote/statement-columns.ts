/** Turns what a database sends into what `all` and `first` give: dates into Date, JSON into values. */
export type Decode = (value: unknown) => unknown

/** What is known of a result: the names, and which values are worth more than they come as. */
export interface ResultShape {
  readonly columns: readonly string[]
  readonly decoders: readonly (Decode | undefined)[] | undefined
}

const mostShapes = 2_000

/** Remembers the shape of each text's result, so that it is the same object until the table changes. */
export class StatementShapes<Field extends { readonly name: string }> {
  private readonly shapes = new Map<string, { readonly shape: ResultShape; readonly kinds: readonly number[] }>()
  private readonly kindOf: (field: Field) => number
  private readonly decoderOf: (field: Field) => Decode | undefined

  constructor(kindOf: (field: Field) => number, decoderOf: (field: Field) => Decode | undefined) {
    this.kindOf = kindOf
    this.decoderOf = decoderOf
  }

  of(text: string, fields: readonly Field[]): ResultShape {
    const known = this.shapes.get(text)
    if (known !== undefined && this.fits(known, fields)) return known.shape
    const decoders = fields.map(this.decoderOf)
    const shape = {
      columns: fields.map((field) => field.name),
      decoders: decoders.every((decoder) => decoder === undefined) ? undefined : decoders,
    }
    if (this.shapes.size >= mostShapes) this.shapes.delete(this.shapes.keys().next().value as string)
    this.shapes.set(text, { shape, kinds: fields.map(this.kindOf) })
    return shape
  }

  private fits({ shape, kinds }: { readonly shape: ResultShape; readonly kinds: readonly number[] }, fields: readonly Field[]): boolean {
    const { columns } = shape
    if (columns.length !== fields.length) return false
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index] as Field
      if (columns[index] !== field.name || kinds[index] !== this.kindOf(field)) return false
    }
    return true
  }
}
