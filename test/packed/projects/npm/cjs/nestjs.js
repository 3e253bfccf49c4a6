const { ClerkAuthModule, RequireAuth } = require('@clerk-auth/nestjs')
const { Controller, Get, Module } = require('@nestjs/common')
const { NestFactory } = require('@nestjs/core')
const { listen } = require('../listen-with-nest.cjs')

exports.serve = function serve() {
  return listen({ ClerkAuthModule, RequireAuth, Controller, Get, Module, NestFactory })
}
