/**
 * Mutators beside Stryker's own, which leaves the numbers as they are, takes no single row out of a table and no single
 * statement out of a block: a limit that no test holds, or a check that nobody calls, would not be noticed.
 *
 * @typedef {import('@stryker-mutator/api/ignore').NodePath & {
 *   readonly node: any
 *   readonly parent: any
 *   readonly key: string | number | null
 * }} NodePath
 * @typedef {{ readonly name: string; mutate(path: NodePath): Iterable<object> }} Mutator
 */

/** @type {readonly Mutator[]} */
export const FURTHER_MUTATORS = [
  {
    name: 'Number',
    *mutate({ node }) {
      if (node.type !== 'NumericLiteral') return
      yield { type: 'NumericLiteral', value: node.value + 1 }
      if (node.value > 0) yield { type: 'NumericLiteral', value: node.value - 1 }
    },
  },
  {
    name: 'Row',
    *mutate({ node }) {
      const rows = node.type === 'ArrayExpression' ? 'elements' : node.type === 'ObjectExpression' && 'properties'
      // Stryker empties a table as a whole, so the only row of one is taken out already.
      if (!rows || node[rows].length < 2) return
      for (const row of node[rows]) {
        if (!isProse(row))
          yield copyOf({ ...node, [rows]: node[rows].filter((/** @type {object} */ one) => one !== row) })
      }
    },
  },
  {
    name: 'Statement',
    *mutate({ node, parent }) {
      if (node.type !== 'ExpressionStatement' && node.type !== 'ThrowStatement') return
      // Stryker turns the condition to `false` and empties the block, which is the same.
      const isAlone = parent.type === 'IfStatement' ? !parent.alternate : parent.body?.length === 1
      if (!isAlone) yield { type: 'EmptyStatement' }
    },
  },
  {
    name: 'Choice',
    *mutate({ node }) {
      if (node.type === 'ConditionalExpression') {
        yield copyOf(node.consequent)
        yield copyOf(node.alternate)
      } else if (node.type === 'LogicalExpression' && node.operator === '??') {
        yield copyOf(node.left)
      } else if (node.type === 'LogicalExpression') {
        // Stryker turns comparisons to `true` and `false`, but no other operand.
        if (!isComparison(node.left)) yield copyOf(node.right)
        if (!isComparison(node.right)) yield copyOf(node.left)
      }
    },
  },
]

/** @param {any} node */
export function isProse(node) {
  if (node.type === 'ObjectProperty') return node.key.name === 'message'
  return node.type === 'NewExpression' && /^(Type)?Error$/.test(node.callee.name)
}

/** @param {any} node */
function isComparison(node) {
  return node.type === 'BinaryExpression' || node.type === 'LogicalExpression'
}

/** Stryker writes into the tree that it reads, so nothing of it may be in a mutant. */
function copyOf(/** @type {object} */ node) {
  return { ...structuredClone(node), leadingComments: null, trailingComments: null }
}
