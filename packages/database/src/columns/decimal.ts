/** A decimal in the one form in which equal values are equal texts; undefined for what does not fit. */
export function normalizeDecimal(value: unknown, precision: number, scale: number): string | undefined {
  const parts = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(
    typeof value === 'number'
      ? plainNumber(value, scale)
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

function plainNumber(value: number, scale: number): string {
  const text = String(value)
  return /e/.test(text) ? value.toFixed(scale) : text
}
