//! Services: every request is answered, also when its task dies.
//!
//! A request that is dropped leaves its client waiting for ever, so a request answers itself when it is dropped.

use r2r::{QosProfile, ServiceRequest, WrappedServiceTypeSupport};
use tokio::runtime::Handle;

use crate::error::NodeError;
use crate::spin::Spinner;

/// Answers that may be on their way at once. ROS's default is 10 for all clients together: the newer would overwrite an
/// answer that a busy client has not taken yet, and it would wait for ever.
const ANSWERS: usize = 1000;

/// A request that is always answered: by [`Request::respond`], or on drop with the fallback.
pub struct Request<T>
where
    T: WrappedServiceTypeSupport + 'static,
{
    message: T::Request,
    inner: Option<ServiceRequest<T>>,
    fallback: fn() -> T::Response,
}

impl<T> Request<T>
where
    T: WrappedServiceTypeSupport + 'static,
{
    /// Wraps r2r's request; `fallback` makes the answer in case that nobody gives one.
    pub fn new(mut request: ServiceRequest<T>, fallback: fn() -> T::Response) -> Self {
        let message = std::mem::take(&mut request.message);
        Self { message, inner: Some(request), fallback }
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
        if let Some(request) = self.inner.take()
            && let Err(error) = request.respond(response)
        {
            // The client has gone, or the node: nobody waits for it.
            log::debug!("a service answer could not be sent: {error}");
        }
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
{
    let stream = spinner.service::<T>(name, QosProfile::services_default().keep_last(ANSWERS))?;
    spinner.drain(stream, move |request| take(Request::new(request, fallback)));
    Ok(())
}
