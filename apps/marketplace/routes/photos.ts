import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { created, file, route, uploadedFile } from 'glueful'
import { z } from 'zod'
import { Car, Photo } from '../models/index.ts'
import { settings } from '../settings.ts'

const extensions: Readonly<Record<string, string>> = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' }

export const photos = {
  upload: route.post(
    '/cars/:id/photos',
    {
      auth: ['session', 'jwt', 'apiKey'],
      scopes: 'cars:write',
      can: 'cars.update',
      summary: 'Add a photo to a car',
      acceptRisks: { WRITE_WITHOUT_IDEMPOTENCY: 'a photo twice does no harm' },
      params: z.object({ id: z.uuid() }),
      accepts: ['multipart'],
      bodyLimit: '6mb',
      body: z.object({ photo: uploadedFile({ types: Object.keys(extensions), maxSize: '5mb' }) }),
      response: z.object({ path: z.string() }),
    },
    async ({ params, body, use, authorize }) => {
      const car = await Car.withCount('photos').findOrFail(params.id)
      await authorize('change', car)
      const name = `${randomUUID()}.${extensions[body.photo.type] as string}`
      await body.photo.moveTo(join(use(settings).photoDirectory, name))
      const path = `/photos/${name}`
      await Photo.create({ carId: car.id, path, position: car.photosCount })
      return created({ path }, path)
    },
  ),

  show: route.get(
    '/photos/:name',
    {
      summary: 'A photo',
      params: z.object({ name: z.string().regex(/^[\w-]+\.(jpg|png|webp)$/) }),
      acceptRisks: { ANSWER_NOT_DESCRIBED: 'it is a file' },
    },
    ({ params, use }) => file(params.name, { root: use(settings).photoDirectory, maxAge: '1d' }),
  ),
}
