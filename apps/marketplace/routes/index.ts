import { admin } from './admin.ts'
import { cars } from './cars.ts'
import { dealers } from './dealers.ts'
import { photos } from './photos.ts'

export const routes = { cars, photos, dealers, admin }
