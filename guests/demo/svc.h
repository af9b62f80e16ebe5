/* The supervisor calls, for both sides. */
#ifndef DEMO_SVC_H
#define DEMO_SVC_H

#define SVC_EXIT 1                     /* begins again from the start */
#define SVC_WRITE 2                    /* r2 text, r3 length: one line */
#define SVC_YIELD 3
#define SVC_TIME 4                     /* r2: milliseconds since the start */
#define SVC_SLEEP 5                    /* r2 milliseconds */
#define SVC_BRK 6                      /* r2 new end of the heap, 0 asks; r2: the end */
#define SVC_PUBLISH 7                  /* r2 number for the heartbeat line */

#endif
