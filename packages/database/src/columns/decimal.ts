/** A decimal in the one form in which equal values are equal texts; undefined for what does not fit. */
export function normalizeDecimal(value: unknown, precision: number, scale: number): string | undefined {
  const parts = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(
    typeof value === 'number'
      ? plainNumber(value)
      : typeof value === 'bigint'
        ? value.toString()
        : typeof value === 'string' && /^-?\d/.test(value)
          ? value
          : '?',
  )
  if (parts === null) return undefined
  const [, sign = '', whole = '', fraction = ''] = parts
  if (fraction.length > scale || whole.length > precision - scale) return undefined
  const digits = scale === 0 ? whole || '0' : `${whole || '0'}.${fraction.padEnd(scale, '0')}`
  return sign === '-' && /[1-9]/.test(digits) ? `-${digits}` : digits
}

/** A number without exponent, digit by digit: none is rounded away. */
function plainNumber(value: number): string {
  const [, sign = '', whole = '', fraction = '', exponent] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? []
  if (exponent === undefined) return String(value)
  const point = whole.length + Number(exponent)
  const digits = (whole + fraction).padEnd(point, '0').padStart(whole.length + fraction.length - Math.min(point - 1, 0), '0')
  const at = Math.max(point, 1)
  return `${sign}${digits.slice(0, at)}${digits.length > at ? `.${digits.slice(at)}` : ''}`
}
