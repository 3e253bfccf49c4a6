/** The parameters that a function declares. `Infinity` for rest parameters and `arguments`, which take everything. */
export function declaredParameters(run: Function): number {
  const source = Function.prototype.toString.call(run).replaceAll(/\/\*[^]*?\*\//g, '')
  const takesAll =
    /^(async\s*)?(function\s*\w*\s*)?\(\s*\.\.\./.test(source) || (run.length === 0 && /\barguments\b/.test(source))
  return takesAll ? Infinity : run.length
}
