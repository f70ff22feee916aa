//! Services: every request is answered, also when its task dies.
//!
//! A request that is dropped leaves its client waiting for ever, so a request answers itself when it is dropped.

use std::time::Duration;

use r2r::{QosProfile, ServiceRequest, WrappedServiceTypeSupport};
use tokio::runtime::Handle;

use crate::error::NodeError;
use crate::spin::Spinner;

/// Answers that may be on their way at once. ROS's default is 10 for all clients together: the newer would overwrite an
/// answer that a busy client has not taken yet, and it would wait for ever.
const ANSWERS: usize = 1000;

/// How often an answer is tried again whose client is not discovered yet, and the pause before each time.
const LATER_TRIES: u32 = 20;
const LATER_PAUSE: Duration = Duration::from_millis(100);

/// A request that is always answered: by [`Request::respond`], or on drop with the fallback.
pub struct Request<T>
where
    T: WrappedServiceTypeSupport + 'static,
{
    message: T::Request,
    inner: Option<ServiceRequest<T>>,
    fallback: fn() -> T::Response,
    /// [`answer_later`]: a pointer, so that not all that holds a request has to say what may be sent between threads.
    later: fn(ServiceRequest<T>, T::Response),
}

impl<T> Request<T>
where
    T: WrappedServiceTypeSupport + 'static,
{
    /// Wraps r2r's request; `fallback` makes the answer in case that nobody gives one.
    pub fn new(mut request: ServiceRequest<T>, fallback: fn() -> T::Response) -> Self
    where
        T::Response: Send,
    {
        let message = std::mem::take(&mut request.message);
        Self { message, inner: Some(request), fallback, later: answer_later }
    }

    /// What the client asks.
    pub fn message(&self) -> &T::Request {
        &self.message
    }

    /// Answers.
    pub fn respond(mut self, response: T::Response) {
        self.answer(response);
    }

    fn answer(&mut self, response: T::Response) {
        let Some(request) = self.inner.take() else { return };
        match request.clone().respond(response.clone()) {
            Ok(()) => {}
            Err(r2r::Error::RCL_RET_TIMEOUT) => (self.later)(request, response),
            // The node has gone: nobody waits for it.
            Err(error) => log::debug!("a service answer could not be sent: {error}"),
        }
    }
}

/// A client may ask as soon as it has discovered us, before we have discovered where it wants its answer. The middleware waits
/// for that for 0.1 s and gives up; on a busy machine that is too early, and the client would wait for ever.
fn answer_later<T>(request: ServiceRequest<T>, response: T::Response)
where
    T: WrappedServiceTypeSupport + 'static,
    T::Response: Send,
{
    let answer = move || {
        for _ in 0..LATER_TRIES {
            std::thread::sleep(LATER_PAUSE);
            match request.clone().respond(response.clone()) {
                Err(r2r::Error::RCL_RET_TIMEOUT) => {}
                Err(error) => return log::debug!("a service answer could not be sent: {error}"),
                Ok(()) => return log::debug!("answered a client that was discovered late"),
            }
        }
        log::warn!("a client asked and went before it could be answered");
    };
    // It does not happen often, so a thread is not too much for it.
    if let Err(error) = std::thread::Builder::new().name("late-answer".into()).spawn(answer) {
        log::warn!("a service answer could not be sent: {error}");
    }
}

impl<T> Drop for Request<T>
where
    T: WrappedServiceTypeSupport + 'static,
{
    fn drop(&mut self) {
        if self.inner.is_some() {
            self.answer((self.fallback)());
        }
    }
}

/// Serves `name` with a function that answers at once, on the spinning thread. It must not block.
///
/// # Errors
/// When ROS refuses the service.
pub fn serve_now<T>(
    spinner: &mut Spinner,
    name: &str,
    fallback: fn() -> T::Response,
    mut answer: impl FnMut(&T::Request) -> T::Response + Send + 'static,
) -> Result<(), NodeError>
where
    T: WrappedServiceTypeSupport + 'static,
    T::Request: Send,
    T::Response: Send,
{
    take_requests(spinner, name, fallback, move |request: Request<T>| {
        let response = answer(request.message());
        request.respond(response);
    })
}

/// Serves `name` with a future a request, spawned on `runtime`; the requests run side by side.
///
/// # Errors
/// When ROS refuses the service.
pub fn serve<T, F>(
    spinner: &mut Spinner,
    runtime: &Handle,
    name: &str,
    fallback: fn() -> T::Response,
    answer: impl Fn(T::Request) -> F + Send + 'static,
) -> Result<(), NodeError>
where
    T: WrappedServiceTypeSupport + 'static,
    T::Request: Send,
    T::Response: Send,
    F: Future<Output = T::Response> + Send + 'static,
{
    let runtime = runtime.clone();
    take_requests(spinner, name, fallback, move |request: Request<T>| {
        let future = answer(request.message.clone());
        runtime.spawn(async move {
            let response = future.await;
            request.respond(response);
        });
    })
}

/// Hands every request of the service `name` to `take`, on the spinning thread.
///
/// # Errors
/// When ROS refuses the service.
pub fn take_requests<T>(
    spinner: &mut Spinner,
    name: &str,
    fallback: fn() -> T::Response,
    mut take: impl FnMut(Request<T>) + Send + 'static,
) -> Result<(), NodeError>
where
    T: WrappedServiceTypeSupport + 'static,
    T::Request: Send,
    T::Response: Send,
{
    let stream = spinner.service::<T>(name, QosProfile::services_default().keep_last(ANSWERS))?;
    spinner.drain(stream, move |request| take(Request::new(request, fallback)));
    Ok(())
}
