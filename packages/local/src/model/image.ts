import { record, type Stored } from './record.js'
import { oneOf, string } from './schema.js'

/** An uploaded image. */
export const Image = record('image', 'img', {
  /** the user or organization that it shows, with which it is deleted */
  owner_id: string(),
  type: oneOf('image/png', 'image/jpeg', 'image/gif', 'image/webp'),
  /** base64 */
  data: string(),
})

export type Image = Stored<typeof Image>
