// Express 4 under its own name. What is used of it has the types of Express 5.
declare module 'express4' {
  export { default } from 'express'
}
