/** Loads entry points, and returns the names that each exports. */
exports.exportLists = async function exportLists(specifiers, load) {
  const lists = {}
  for (const specifier of specifiers) {
    const names = Object.keys(await load(specifier))
    lists[specifier] = names.filter((name) => !['default', 'module.exports', '__esModule'].includes(name)).sort()
  }
  return lists
}
