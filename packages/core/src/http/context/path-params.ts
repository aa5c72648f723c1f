type Trim<Name extends string> = Name extends `${infer Plain}(${string}` ? Plain : Name

type Segment<S extends string> = S extends `:${infer Name}?`
  ? { readonly [K in Trim<Name>]?: string }
  : S extends `:${infer Name}`
    ? { readonly [K in Trim<Name>]: string }
    : S extends `*${infer Name}`
      ? { readonly [K in Name extends '' ? '*' : Name]: string }
      : {}

type Collect<Path extends string> = Path extends `${infer Head}/${infer Tail}` ? Segment<Head> & Collect<Tail> : Segment<Path>

/** The parameters a path names: `/cars/:id/photos/:photo?` → `{ id: string; photo?: string }`. */
export type PathParams<Path extends string> = string extends Path
  ? Readonly<Record<string, string | undefined>>
  : { [K in keyof Collect<Path>]: Collect<Path>[K] }
