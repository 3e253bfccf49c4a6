import type { EndpointRequest } from '../../api/endpoint.js'
import { Refusal } from '../../api/errors.js'
import { MAX_IMAGE_BYTES, imageType, type ImageType } from '../../images/image-type.js'
import { removeImagesOf } from '../../people/removal.js'
import type { World } from '../../state/world.js'
import { organization } from '../organizations/organizations.js'
import { user, userWithId } from '../users/user.js'

/** A form with an image, and some room for its other parts. */
const UPLOAD = { form: uploadOf, maxBodyBytes: MAX_IMAGE_BYTES + 64 * 1024 } as const

export const images = [
  user.act('SetUserProfileImage', 'POST', '/profile_image', {
    ...UPLOAD,
    run: ({ id }, { world, body }) => world.users.update(id, { image_id: replaceImage(world, id, body) }),
  }),

  user.act('DeleteUserProfileImage', 'DELETE', '/profile_image', {
    run({ id }, { world }) {
      removeImagesOf(world, id)
      return world.users.update(id, { image_id: null })
    },
  }),

  organization.act('UploadOrganizationLogo', 'PUT', '/logo', {
    ...UPLOAD,
    run({ id }, { world, body }) {
      if (body.uploaderId !== undefined) userWithId(world, body.uploaderId)
      return world.organizations.update(id, { image_id: replaceImage(world, id, body) })
    },
  }),

  organization.act('DeleteOrganizationLogo', 'DELETE', '/logo', {
    run({ id }, { world }) {
      removeImagesOf(world, id)
      return world.organizations.update(id, { image_id: null })
    },
  }),
]

interface Upload {
  readonly type: ImageType
  /** base64 */
  readonly data: string
  readonly uploaderId: string | undefined
}

/** @throws {Refusal} if the file is missing, too large, or not an image of a type that Clerk accepts */
async function uploadOf(request: EndpointRequest): Promise<Upload> {
  const form = await formOf(request)
  const [file, uploaderId] = [form.get('file'), form.get('uploader_user_id')]
  if (file === null || typeof file === 'string') throw new Refusal('image_missing', undefined, 'file')
  if (file.size > MAX_IMAGE_BYTES) throw new Refusal('image_too_large')
  const bytes = Buffer.from(await file.arrayBuffer())
  const type = imageType(bytes)
  if (!type)
    throw new Refusal('request_body_invalid', 'The file must be an image in JPEG, PNG, GIF or WebP format', 'file')
  return { type, data: bytes.toString('base64'), uploaderId: typeof uploaderId === 'string' ? uploaderId : undefined }
}

async function formOf({ readForm }: EndpointRequest): Promise<FormData> {
  try {
    return await readForm()
  } catch (error) {
    const isTooLarge = error instanceof Refusal && error.answer.status === 413
    throw isTooLarge ? new Refusal('image_too_large') : error
  }
}

/**
 * Returns the id of the new image.
 *
 * @throws {Refusal} if the images of the instance take too much memory
 */
function replaceImage(world: World, owner_id: string, { type, data }: Upload): string {
  removeImagesOf(world, owner_id)
  return world.images.add({ owner_id, type, data }).id
}
