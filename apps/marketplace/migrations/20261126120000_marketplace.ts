import { boolean, enumeration, float, integer, migration, softDeletes, string, text, timestamp, timestamps, uuid } from '@glueful/database'

export default migration('20261126120000_marketplace', {
  up: async (schema) => {
    await schema.createTable('dealers', {
      id: uuid().primary(),
      name: string(120),
      city: string(80).index(),
      country: string(2).index(),
      rating: float().default(0),
      ...timestamps(),
    })
    await schema.createTable('staff', {
      id: uuid().primary(),
      dealerId: uuid().references('dealers', 'id', { onDelete: 'cascade' }).index(),
      name: string(120),
      role: enumeration(['sales', 'service', 'manager']),
      phone: string(40).nullable(),
      ...timestamps(),
    })
    await schema.createTable(
      'cars',
      {
        id: uuid().primary(),
        dealerId: uuid().references('dealers').index(),
        make: string(40),
        model: string(60),
        year: integer(),
        fuel: enumeration(['petrol', 'diesel', 'hybrid', 'electric']),
        gearbox: enumeration(['manual', 'automatic']),
        mileage: integer(),
        price: integer(),
        color: string(30),
        description: text(),
        stock: integer().default(1),
        ...timestamps(),
        ...softDeletes(),
      },
      // What the search filters and sorts by.
      {
        indexes: [
          ['make', 'price'],
          ['price', 'id'],
          ['year', 'id'],
        ],
      },
    )
    // Whatever the code does: nobody buys a car that is gone.
    await schema.addCheck('cars', 'cars_stock_not_negative', 'stock >= 0')
    await schema.createTable('photos', {
      id: uuid().primary(),
      carId: uuid().references('cars', 'id', { onDelete: 'cascade' }).index(),
      path: string(200),
      position: integer().default(0),
      ...timestamps(),
    })
    await schema.createTable('customers', {
      id: uuid().primary(),
      name: string(120),
      email: string(254).unique(),
      city: string(80).nullable(),
      country: string(2),
      ...timestamps(),
    })
    await schema.createTable('orders', {
      id: uuid().primary(),
      customerId: uuid().references('customers').index(),
      status: enumeration(['captured', 'refunded']).default('captured'),
      payment: enumeration(['on pickup', 'pending', 'paid']).default('on pickup'),
      total: integer(),
      currency: string(3),
      ...timestamps(),
    })
    await schema.createTable('order_lines', {
      id: uuid().primary(),
      orderId: uuid().references('orders', 'id', { onDelete: 'cascade' }).index(),
      carId: uuid().references('cars').index(),
      quantity: integer(),
      price: integer(),
    })
    await schema.createTable('reviews', {
      id: uuid().primary(),
      dealerId: uuid().references('dealers', 'id', { onDelete: 'cascade' }).index(),
      customerId: uuid().references('customers', 'id', { onDelete: 'cascade' }).index(),
      stars: integer(),
      text: text(),
      ...timestamps(),
    })
    await schema.createTable('users', {
      id: uuid().primary(),
      name: string(120),
      email: string(254).unique(),
      passwordHash: text().nullable(),
      role: enumeration(['buyer', 'seller', 'operator', 'developer', 'observer', 'admin']).default('buyer'),
      plan: enumeration(['free', 'pro', 'enterprise']).default('free'),
      dealerId: uuid().references('dealers').nullable().index(),
      customerId: uuid().references('customers').nullable().index(),
      verifiedAt: timestamp().nullable(),
      active: boolean().default(true),
      ...timestamps(),
    })
  },
  down: async (schema) => {
    for (const table of ['users', 'reviews', 'order_lines', 'orders', 'customers', 'photos', 'cars', 'staff', 'dealers']) await schema.dropTable(table)
  },
})
