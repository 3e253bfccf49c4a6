const { exportLists } = require('../export-lists.cjs')

void exportLists(process.argv.slice(2), require).then((lists) => console.log(JSON.stringify(lists)))
