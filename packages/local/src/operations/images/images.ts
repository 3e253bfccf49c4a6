import { organizationAnswer } from '../../answers/organization.js'
import { userAnswer } from '../../answers/user.js'
import type { EndpointRequest } from '../../api/endpoint.js'
import { Refusal } from '../../api/errors.js'
import { MAX_IMAGE_BYTES, imageType, type ImageType } from '../../images/image-type.js'
import { removeImagesOf } from '../../people/removal.js'
import type { World } from '../../state/world.js'
import { operation } from '../operation.js'
import { organizationOf } from '../organizations/organizations.js'
import { ownerOf } from '../users/owner.js'
import { userOf } from '../users/user.js'

/** The largest image, and the other parts of its form. */
const MAX_BODY_BYTES = MAX_IMAGE_BYTES + 64 * 1024

export const images = [
  operation('SetUserProfileImage', 'POST /v1/users/{user_id}/profile_image', {
    form: uploadOf,
    maxBodyBytes: MAX_BODY_BYTES,
    run(call) {
      const { world, body } = call
      const { id } = userOf(call)
      return userAnswer(world.users.update(id, { image_id: replaceImage(world, id, body) }), world)
    },
  }),

  operation('DeleteUserProfileImage', 'DELETE /v1/users/{user_id}/profile_image', {
    run(call) {
      const { world } = call
      const { id } = userOf(call)
      removeImagesOf(world, id)
      return userAnswer(world.users.update(id, { image_id: null }), world)
    },
  }),

  operation('UploadOrganizationLogo', 'PUT /v1/organizations/{organization_id}/logo', {
    form: uploadOf,
    maxBodyBytes: MAX_BODY_BYTES,
    run(call) {
      const { world, body } = call
      const { id } = organizationOf(call)
      if (body.uploaderId !== undefined) ownerOf(world, body.uploaderId)
      return organizationAnswer(world.organizations.update(id, { image_id: replaceImage(world, id, body) }), world)
    },
  }),

  operation('DeleteOrganizationLogo', 'DELETE /v1/organizations/{organization_id}/logo', {
    run(call) {
      const { world } = call
      const { id } = organizationOf(call)
      removeImagesOf(world, id)
      return organizationAnswer(world.organizations.update(id, { image_id: null }), world)
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
