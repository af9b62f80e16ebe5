import type { ImagePool } from './image-pool.ts';

/**
 * What changed between two marks. For each page an image: of what it held at the earlier mark while the guest is behind the
 * interval, of what it holds at the later one while the guest is in front of it.
 */
export class Interval {
  /** Image by page. */
  readonly pages = new Map<number, number>();
  /** Numbers of the pages of virtual or real addresses that instructions were fetched from. */
  readonly executed = new Set<number>();

  /** Takes over the images of the interval that follows; of two of one page the other one goes. */
  join(next: Interval, keeps: 'older' | 'newer', pool: ImagePool): void {
    for (const [page, image] of next.pages) {
      const own = this.pages.get(page);
      const loses = keeps === 'older' ? image : own;
      if (own !== undefined && loses !== undefined) pool.free(loses);
      if (own === undefined || keeps === 'newer') this.pages.set(page, image);
    }
    for (const page of next.executed) this.executed.add(page);
  }

  /** Gives up all images. */
  clear(pool: ImagePool): void {
    for (const image of this.pages.values()) pool.free(image);
    this.pages.clear();
    this.executed.clear();
  }
}
