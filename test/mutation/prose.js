import { isProse } from './mutators.js'

/** Leaves out what is written for people: the texts of messages. Codes, names of claims and tables are not left out. */
export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'prose',
    value: {
      /** @param {import('./mutators.js').NodePath} path */
      shouldIgnore({ node }) {
        const isOnlyProse =
          node.type === 'ObjectExpression' && node.properties.length > 0 && node.properties.every(isProse)
        return isProse(node) || isOnlyProse ? 'the text of a message' : undefined
      },
    },
  },
]
