/** `true` where the two types are the same; `any` is the same as nothing but `any`. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- used once on each side, which is the comparison
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** `typeOf(value).is<Expected>()` compiles only where the type of `value` is exactly that one. Never run. */
export declare function typeOf<Actual>(value: Actual): {
  is: <Expected>(...same: Same<Actual, Expected> extends true ? [] : [error: 'another type', is: Actual]) => void
}
