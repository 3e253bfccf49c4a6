import { exportLists } from '../export-lists.cjs'

console.log(JSON.stringify(await exportLists(process.argv.slice(2), (specifier) => import(specifier))))
