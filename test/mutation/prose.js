import { isProse } from './mutators.js'

/** Ignores messages for people. Codes, claim names and tables are mutated. */
export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'prose',
    value: {
      /** @param {import('./mutators.js').NodePath} path */
      shouldIgnore({ node }) {
        const isOnlyProse =
          node.type === 'ObjectExpression' && node.properties.length > 0 && node.properties.every(isProse)
        return isProse(node) || isOnlyProse ? 'a message' : undefined
      },
    },
  },
]
