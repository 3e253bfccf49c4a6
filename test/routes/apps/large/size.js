/** The number of routes in each of the large applications. */
const routes = 500

export const groups = Array.from({ length: 25 }, (_, i) => `group${i + 1}`)
/** Each has two routes in each group. */
export const names = Array.from({ length: routes / 2 / groups.length }, (_, i) => `things${i + 1}`)
