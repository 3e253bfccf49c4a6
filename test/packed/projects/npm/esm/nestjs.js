import { ClerkAuthModule, RequireAuth } from '@clerk-auth/nestjs'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { listen } from '../listen-with-nest.cjs'

export function serve() {
  return listen({ ClerkAuthModule, RequireAuth, Controller, Get, Module, NestFactory })
}
