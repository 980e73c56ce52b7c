import Glibc

/// Runs what a message of nng's wakes up on nng's own thread, and everything else where tasks usually run.
///
/// Most handlers answer without ever waiting: their call then costs no change of threads. Only the task that a callback resumes is
/// run there, once, with no lock held; whatever that task resumes goes to the global pool.
final class CallbackExecutor: TaskExecutor {
  static let shared = CallbackExecutor()

  /// Not null on a thread whose callback is about to resume a task.
  private let mark: pthread_key_t = {
    var key = pthread_key_t()
    let result = pthread_key_create(&key, nil)
    precondition(result == 0, "no thread-local key is left")
    return key
  }()

  private init() {}

  /// Lets the task that `resume` resumes run here and now.
  func hereAndNow(_ resume: () -> Void) {
    pthread_setspecific(mark, UnsafeRawPointer(bitPattern: 1))
    resume()
    pthread_setspecific(mark, nil)
  }

  func enqueue(_ job: consuming ExecutorJob) {
    guard pthread_getspecific(mark) != nil else { return globalConcurrentExecutor.enqueue(job) }
    pthread_setspecific(mark, nil)
    UnownedJob(job).runSynchronously(on: asUnownedTaskExecutor())
  }
}
