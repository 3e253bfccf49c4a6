// Express 4 under its own name. The parts used here have the types of Express 5.
declare module 'express4' {
  export { default } from 'express'
}
