/** The region of a bus that is given by its ARN because it is in another account or region; undefined for a bus's name. */
export const regionOfBus = (bus = ""): string | undefined => bus.split(":")[3];
