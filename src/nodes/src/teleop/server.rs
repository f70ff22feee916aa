//! A server of another node's, asked without ever waiting for one that is not there.
//!
//! r2r keeps a list of those who wait for a server and one of those who wait for an answer, and forgets nobody before it
//! comes. So a server is looked for once however many wait, and only one that is there is asked.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, Shared};
use futures::{FutureExt, TryFutureExt};
use r2r::{Client, QosProfile, WrappedServiceTypeSupport};
use tokio::time::timeout;

use super::era::Era;
use crate::error::NodeError;
use crate::spin::Spinner;

/// How long a server may take to be found. What a button asks for shall not come as a surprise later.
const SEEK: Duration = Duration::from_millis(500);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    /// Nobody serves it.
    #[error("there is no {0}: is its node running?")]
    Missing(&'static str),
    /// It was not asked.
    #[error("{0} is not asked any more: stopped, or let go of, since the button was pressed")]
    GivenUp(&'static str),
    /// It was asked, and is silent.
    #[error("{name} did not answer within {seconds} s")]
    Silent {
        /// The service.
        name: &'static str,
        /// How long it had.
        seconds: f64,
    },
    /// ROS failed.
    #[error("calling {name}: {source}")]
    Ros {
        /// The service.
        name: &'static str,
        /// r2r's error.
        source: r2r::Error,
    },
}

/// A service's client.
pub(super) struct Server<T>
where
    T: WrappedServiceTypeSupport,
{
    name: &'static str,
    client: Client<T>,
    sought: Mutex<Option<Sought>>,
}

/// Whether it was found.
type Sought = Shared<BoxFuture<'static, bool>>;

/// What it will have answered.
pub(super) type Answer<T> = BoxFuture<'static, Result<<T as WrappedServiceTypeSupport>::Response, NoAnswer>>;

impl<T> Server<T>
where
    T: WrappedServiceTypeSupport + 'static,
    T::Response: Send,
{
    /// A client of the service `name`.
    ///
    /// # Errors
    /// When ROS refuses it.
    pub(super) fn create(spinner: &mut Spinner, name: &'static str) -> Result<Self, NodeError> {
        let client = spinner
            .node()
            .create_client::<T>(name, QosProfile::services_default())
            .map_err(|error| NodeError::ros(format!("creating the client of {name}"), error))?;
        Ok(Self { name, client, sought: Mutex::default() })
    }

    /// The service's name.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Begins to look for the server. r2r looks at the beginning of a spin: what is begun on the spinning thread is found
    /// without a wait.
    pub(super) fn seek(&self) {
        drop(self.sought());
    }

    fn sought(&self) -> Sought {
        let mut sought = self.sought.lock().unwrap_or_else(PoisonError::into_inner);
        match sought.as_ref().filter(|sought| sought.peek().is_none()) {
            Some(under_way) => under_way.clone(),
            None => sought.insert(self.begin()).clone(),
        }
    }

    fn begin(&self) -> Sought {
        // With an error the search is over: the next press begins another.
        match r2r::Node::is_available(&self.client) {
            Ok(found) => found.map(|found| found.is_ok()).boxed().shared(),
            Err(_) => std::future::ready(false).boxed().shared(),
        }
    }

    /// Asks it, if it is there, and waits for the answer for as long as `patience`.
    ///
    /// # Errors
    /// No server, no answer, a fault of ROS.
    pub(super) async fn ask(&self, request: T::Request, patience: Duration) -> Result<T::Response, NoAnswer> {
        self.ask_in(None, request, patience).await
    }

    /// The same, unless the era has ended by the time that it could be asked.
    ///
    /// # Errors
    /// The era has ended, no server, no answer, a fault of ROS.
    pub(super) async fn ask_in(
        &self,
        era: Option<&Era>,
        request: T::Request,
        patience: Duration,
    ) -> Result<T::Response, NoAnswer> {
        self.within(patience, self.send_in(era, request).await?).await
    }

    /// Asks it without looking for it first, which can take as long as a spin: for a server that was there a moment ago.
    ///
    /// # Errors
    /// No answer, a fault of ROS.
    pub(super) async fn ask_at_once(
        &self,
        request: T::Request,
        patience: Duration,
    ) -> Result<T::Response, NoAnswer> {
        self.within(patience, self.send(&request)?).await
    }

    /// Asks it, if it is there and the era has not ended; the answer is for the caller to wait for.
    ///
    /// # Errors
    /// The era has ended, no server, a fault of ROS.
    pub(super) async fn send_in(
        &self,
        era: Option<&Era>,
        request: T::Request,
    ) -> Result<Answer<T>, NoAnswer> {
        let name = self.name;
        if !timeout(SEEK, self.sought()).await.unwrap_or(false) {
            return Err(NoAnswer::Missing(name));
        }
        match era {
            Some(era) => era.during(|| self.send(&request)).ok_or(NoAnswer::GivenUp(name))?,
            None => self.send(&request),
        }
    }

    /// Waits for an answer for as long as `patience`.
    ///
    /// # Errors
    /// There is none, a fault of ROS.
    pub(super) async fn within(
        &self,
        patience: Duration,
        answer: impl Future<Output = Result<T::Response, NoAnswer>>,
    ) -> Result<T::Response, NoAnswer> {
        let silent = NoAnswer::Silent { name: self.name, seconds: patience.as_secs_f64() };
        timeout(patience, answer).await.unwrap_or(Err(silent))
    }

    fn send(&self, request: &T::Request) -> Result<Answer<T>, NoAnswer> {
        let name = self.name;
        let failed = move |source| NoAnswer::Ros { name, source };
        Ok(self.client.request(request).map_err(failed)?.map_err(failed).boxed())
    }
}
