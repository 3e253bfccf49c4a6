/**
 * Mutators in addition to Stryker's, which does not change numbers, and does not remove a single row of a table or a
 * single statement of a block: an untested limit, or a check that is not called, would not be noticed.
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
      // Stryker empties whole tables, so a single row is already removed.
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
      // Stryker replaces the condition with `false` and empties the block, which is the same.
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
        // Stryker replaces comparisons with `true` and `false`, but no other operands.
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

/** Stryker modifies the tree that it reads, so a mutant must not share nodes with it. */
function copyOf(/** @type {object} */ node) {
  return { ...structuredClone(node), leadingComments: null, trailingComments: null }
}
