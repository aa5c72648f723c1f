import { resource } from '@glueful/database'
import { Car, Dealer, Photo, StaffMember } from '../models/index.ts'

export const DealerResource = resource(Dealer, {
  fields: ['id', 'name', 'city', 'country', 'rating'],
  relations: { staff: () => StaffMemberResource },
  counts: ['cars'],
})

export const StaffMemberResource = resource(StaffMember, { fields: ['name', 'role', 'phone'] })

const PhotoResource = resource(Photo, { fields: ['path', 'position'] })

/** A car as clients see it; dealer and photos where they were loaded. */
export const CarResource = resource(Car, {
  fields: ['id', 'dealerId', 'make', 'model', 'year', 'fuel', 'gearbox', 'mileage', 'price', 'color', 'description', 'stock'],
  relations: { dealer: DealerResource, photos: PhotoResource },
})
