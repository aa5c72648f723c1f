import { admin } from './admin.ts'
import { carDetails } from './car-details.ts'
import { cars } from './cars.ts'
import { customers } from './customers.ts'
import { dealers } from './dealers.ts'
import { orders } from './orders.ts'
import { photos } from './photos.ts'
import { reviews } from './reviews.ts'

export const routes = { cars, carDetails, photos, dealers, reviews, customers, orders, admin }
