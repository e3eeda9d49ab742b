//! visit
